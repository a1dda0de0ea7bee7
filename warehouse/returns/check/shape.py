"""What the reader expects at each place of a file, from the rows of the return: parts by tag, in their order."""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse import specification
from warehouse.returns import layout


@dataclass(frozen=True)
class Place:
    """A part of a module: an item (`module` None) or a module under it. `order` counts from 0."""

    tag: str
    order: int
    element: str = ""
    is_date: bool = False
    module: Shape | None = None


@dataclass(eq=False)
class Shape:
    """One module: `parts` by tag; `own_id` whether its records are told apart by an id of their own."""

    name: str
    tag: str
    table: str
    key: tuple[str, ...]
    own_id: bool
    path: tuple[Shape, ...]
    required: tuple[str, ...] = ()
    most: int | None = None
    parts: dict[str, Place] = field(default_factory=dict)

    @property
    def above(self) -> tuple[str, ...]:
        """The ids that a record of this module takes over from the record above it."""
        return self.key[:-1] if self.own_id else self.key


@dataclass(frozen=True)
class Message:
    """The whole file of a year: its outermost module, and every tag of it and of other years in lower case."""

    year: int
    root: Shape
    shapes: dict[str, Shape]
    modules: dict[str, Shape]
    items: frozenset[str]
    other_years: frozenset[str]

    def path(self, module: str, ids: dict[str, int]) -> str:
        """/Message/Persons/Person[12]/Requests[1]: where a record stands; `ids` gives positions by id column."""
        shape = self.shapes[module]
        steps = (*shape.path, shape)
        return "".join(f"/{s.tag}[{ids[s.key[-1]]}]" if s.own_id and s.key[-1] in ids else f"/{s.tag}" for s in steps)


def message(year: int) -> Message:
    """The shape of a collection year. Raises layout.YearNotKnown."""
    shapes: dict[str, Shape] = {}
    root = _shape(layout.message(year), (), (), shapes)
    items = {part.tag.lower() for shape in shapes.values() for part in shape.parts.values() if part.module is None}
    modules = {shape.tag.lower(): shape for shape in shapes.values()}
    ever = {(row["tag"] or row["element"]).lower() for row in specification.rows("element")}
    ever |= {row["element"].lower() for row in specification.rows("module")}
    return Message(year, root, shapes, modules, frozenset(items), frozenset(ever - items - set(modules)))


def _shape(module: layout.Module, path: tuple[Shape, ...], above: tuple[str, ...], found: dict[str, Shape]) -> Shape:
    shape = Shape(
        name=module.name,
        tag=module.tag,
        table=module.table,
        key=module.key or above,
        own_id=len(module.key) > len(above),
        path=path,
        required=tuple(part.tag for part in module.modules if part.min_occurs),
        most=module.max_occurs,
    )
    found[module.name] = shape
    for order, part in enumerate(module.content):
        if isinstance(part, layout.Item):
            shape.parts[part.tag] = Place(part.tag, order, part.element, part.data_type == "date")
        else:
            shape.parts[part.tag] = Place(
                part.tag, order, module=_shape(part, (*path, shape), module.key or above, found)
            )
    return shape
