"""What competitors and differentiators are called, and which of several names mean the same.

A name that is `same_as` another stands for it: what is noted under it counts for the other (`root`), and goes back with
it when the two are taken apart, because each row that is noted keeps the name it was noted under (`noted_as`).
Called from outside: `service` (every write), `queries`, `models`; `pickers` says how names are chosen by typing,
`alike` (pure) which of them look like one.
"""
