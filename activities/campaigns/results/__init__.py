"""What a campaign brought: reached, opened, came, ordered, against those who were held out.

`rules` has the interval and its verdict (pure), `figures` counts and keeps what a page shows, `board` puts a campaign's result into words.
"""
