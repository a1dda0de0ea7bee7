"""Speed and memory, measured and kept: not tests."""
