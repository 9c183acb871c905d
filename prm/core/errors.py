"""The one error that services raise for what people and programs can put right."""


class Refused(Exception):
    """Input that a rule does not allow.

    `message` is a sentence for the person (what, where, what to do), `field` the name of the
    input it belongs to (`None` for the whole), `code` a stable word for programs.
    """

    def __init__(self, message: str, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code
