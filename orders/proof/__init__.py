"""The whole column proves the reading: how a file is meant to be read, found over all of its rows, with evidence.

`study.study` reads a file that nobody has described yet, once, in bounded memory, and counts: it knows no source.
`findings` (dates in `date_findings`, the form in `finding`) says of a study what each column decides, as readings with counts and sentences, and what it does not: that is
a question; `choices` makes a specification of findings and a person's answers. `check` compares a file with a
source that exists: `doubts_of` a file, `Unproved` when it must not go in. Inside, `tally` counts the cells of a
column (`date_tally` and `number_tally` their two hard kinds, `counts` how often and where first) and `fields` knows by
which headings systems call our fields. Nothing here writes.
"""
