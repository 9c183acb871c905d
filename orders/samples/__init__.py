"""A sample file is the first step of making a source: uploaded or pasted, read as a whole, offered as one page of choices.

Others call `service` (bring a file, choose its columns, use the readings, throw it away). `kept` is the form in which
what was found lies with the sample, `presentation` what its page shows of it.
"""
