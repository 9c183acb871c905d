"""What the links of a mail do: one page asks, a button sends; to follow a link changes nothing.

`tokens` makes and reads the links, `views` is the page. A link names the member it was sent to, and acts as them with
the rights that they have when it is used.
"""
