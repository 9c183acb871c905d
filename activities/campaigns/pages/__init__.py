"""The pages of campaigns: the list, and of each its result, members, links and settings; who came, at the door of an event.

Nothing is called from outside. `presentation` puts figures into rows and words; `changes` are the pages that
change something, `qr` draws codes.
"""
