"""The benchmark: what the emulator costs, as ratios to baselines that the same run serves."""
