"""Where jobs are done, in this process or in others, and a notebook's cells in a kernel: within limits, and stopped with the run.

In: jobs. Out: what became of each, one outcome a job, whatever happened to the process that did it.
"""
