"""The command `eachlabs-contract`."""

from eachlabs_contract.cli import main

if __name__ == "__main__":
    main()
