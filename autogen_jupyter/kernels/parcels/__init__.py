"""Variables in files: how they cross between the two kernels, the same way in both directions.

The modules of this package run in the notebook kernel and, sent there as text, in the agent kernel: they import nothing of ours but
each other. What comes from the agent kernel was written by code that nobody has read. So there is no pickle on that way, no format with
a parser of its own, and no number is believed: plain data is JSON, arrays and texts are their bytes.
"""
