from datetime import date, datetime, time, timedelta

class Cell:
    value: str | float | bool | datetime | date | time | timedelta | None
    number_format: str
    data_type: str
    row: int
    column: int
    comment: object | None
    hyperlink: object | None
