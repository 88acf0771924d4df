"""The Python runtime: loads the function's handler and gives it one event after the other."""
from kiln_runtime.loop import main

# Processes that multiprocessing spawns import this file under another name.
if __name__ == "__main__":
    main()
