"""Valid and invalid inputs of a model, generated from its JSON Schema."""
