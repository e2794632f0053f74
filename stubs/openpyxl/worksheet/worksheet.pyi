from collections.abc import Iterator, Sequence

from openpyxl.cell.cell import Cell

class _ColumnDimension:
    width: float

class _ColumnDimensions:
    def __getitem__(self, key: str) -> _ColumnDimension: ...

class Worksheet:
    title: str
    max_row: int
    max_column: int
    column_dimensions: _ColumnDimensions
    freeze_panes: str | None
    def append(self, row: Sequence[object]) -> None: ...
    def iter_rows(self) -> Iterator[tuple[Cell, ...]]: ...
    def cell(self, row: int, column: int) -> Cell: ...
