"""How near help is: distances, coverage, and places within reach (floating catchments).

Sources: equity-methods reference, section 10; Luo and Wang 2003 (2SFCA); Luo and Qi 2009 (E2SFCA); mean radius of
the Earth: IUGG. Distances are as the crow flies, in kilometres; roads are longer (1.3 times is a common assumption,
not a measure). A catchment holds its own boundary: a child at exactly its distance is inside.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from warehouse.statistics.checks import Numbers, counts, numbers, positive, same_length, together, vector

EARTH_RADIUS_KM = 6371.0088
# Luo and Qi's zones of 10, 20 and 30 minutes, as weights of three equal zones.
ZONE_WEIGHTS = (1.0, 0.68, 0.22)


class Access(NamedTuple):
    """`ratio` of each site: places per child within reach, NaN where no child is. `access` of each home: the sum of the
    ratios of the sites within reach. Over all homes, children times access adds up to the places of every site with a
    ratio.

    Shapes: `ratio` is one row of sites, `access` one row of homes.
    Units: places per child.
    Raises nothing: it holds what was worked out.
    Source: Luo and Wang 2003; equity-methods reference, section 10.
    """

    ratio: Numbers
    access: Numbers


class Edge(NamedTuple):
    """Access of the council's own homes with its neighbours' sites and children, and as it would seem without them.

    Shapes: each one row of the council's own homes.
    Units: places per child.
    Raises nothing: it holds what was worked out.
    Source: equity-methods reference, section 10, says to add the neighbours; to set both side by side is ours: the
    difference is the effect of the edge.
    """

    whole: Numbers
    alone: Numbers


def haversine(latitude1: ArrayLike, longitude1: ArrayLike, latitude2: ArrayLike, longitude2: ArrayLike) -> Numbers:
    """Great-circle distance between points; NaN where one is missing. Latitude and longitude in the wrong order pass:
    in England both are possible.

    Shapes: the four are broadcast; the distances have their common shape.
    Units: degrees in, kilometres out.
    Raises ValueError for a latitude beyond 90 degrees or a longitude beyond 180, as a grid reference would be; values
    that are infinite or no numbers; shapes that do not fit each other.
    Source: equity-methods reference, section 10; mean radius of the Earth: IUGG.
    """
    latitude1, longitude1, latitude2, longitude2 = (
        np.radians(part)
        for part in together(
            latitude1=numbers("latitude1", latitude1, least=-90, most=90),
            longitude1=numbers("longitude1", longitude1, least=-180, most=180),
            latitude2=numbers("latitude2", latitude2, least=-90, most=90),
            longitude2=numbers("longitude2", longitude2, least=-180, most=180),
        )
    )
    half = (
        np.sin((latitude2 - latitude1) / 2) ** 2
        + np.cos(latitude1) * np.cos(latitude2) * np.sin((longitude2 - longitude1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


def grid_distance(easting1: ArrayLike, northing1: ArrayLike, easting2: ArrayLike, northing2: ArrayLike) -> Numbers:
    """Straight distance between points of the national grid (EPSG:27700); NaN where one is missing. Easting and
    northing in the wrong order pass south of 700 km north.

    Shapes: the four are broadcast; the distances have their common shape.
    Units: metres in, kilometres out.
    Raises ValueError outside the grid, 0 to 700 km east and 0 to 1,300 km north; values that are infinite or no
    numbers; shapes that do not fit each other.
    Source: equity-methods reference, section 10.
    """
    easting1, northing1, easting2, northing2 = together(
        easting1=numbers("easting1", easting1, least=0, most=700_000),
        northing1=numbers("northing1", northing1, least=0, most=1_300_000),
        easting2=numbers("easting2", easting2, least=0, most=700_000),
        northing2=numbers("northing2", northing2, least=0, most=1_300_000),
    )
    return np.hypot(easting2 - easting1, northing2 - northing1) / 1000


def coverage(children: ArrayLike, distance: ArrayLike, within: float) -> float:
    """The share of children with a site within so many kilometres; NaN where there are no children.

    Shapes: `children` is one row of homes; `distance` has a row for each home and a column for each site; the result is
    one number.
    Units: kilometres in; none out, a share from 0 to 1.
    Raises ValueError for values that are missing, negative, infinite or no numbers; children that are no row, or an
    empty one; a distance of another shape; a `within` that is not above 0.
    Source: equity-methods reference, section 10.
    """
    children = vector("children", counts("children", children, missing=False))
    distance = counts("distance", distance, missing=False)
    if distance.ndim != 2 or len(distance) != children.size:
        raise ValueError("distance: must have a row for each home and a column for each site")
    near = (distance <= float(positive("within", within))).any(axis=1)
    total = children.sum()
    return float(children[near].sum() / total) if total else float("nan")


def two_step(places: ArrayLike, children: ArrayLike, distance: ArrayLike, catchment: float) -> Access:
    """Two-step floating catchment: first each site's places per child within `catchment`, then each home's sum of
    these.

    Include the neighbours' sites and children within one catchment of the border, or the edge of the county looks poor
    or rich for no reason: see `edge_effect`.

    Shapes: `places` is one row of sites, `children` one row of homes; `distance` has a row for each home and a column
    for each site; `catchment` is one number.
    Units: kilometres in; places per child out.
    Raises ValueError for values that are missing, negative, infinite or no numbers; places or children that are no row,
    or an empty one; a distance of another shape; a catchment that is not above 0.
    Source: Luo and Wang 2003; equity-methods reference, section 10.
    """
    return enhanced_two_step(places, children, distance, (catchment,), (1.0,))


def enhanced_two_step(
    places: ArrayLike,
    children: ArrayLike,
    distance: ArrayLike,
    zones: tuple[float, ...],
    weights: tuple[float, ...] = ZONE_WEIGHTS,
) -> Access:
    """As `two_step`, with nearer zones worth more in both steps: `zones` are their outer edges from the inside out,
    each edge inside its zone.

    Shapes: `places` is one row of sites, `children` one row of homes; `distance` has a row for each home and a column
    for each site; `zones` and `weights` are rows of one length.
    Units: zones and distances in kilometres; weights have none; places per child out.
    Raises ValueError for values that are missing, negative, infinite or no numbers; places or children that are no row,
    or an empty one; a distance of another shape; edges or weights that are no row or not above 0; edges that do not
    rise; weights that rise outwards or are not as many as the zones.
    Source: Luo and Qi 2009; equity-methods reference, section 10.
    """
    places = vector("places", counts("places", places, missing=False))
    children = vector("children", counts("children", children, missing=False))
    weight = _zone_weights(distance, zones, weights)
    if weight.shape != (children.size, places.size):
        raise ValueError("distance: must have a row for each home and a column for each site")
    reach = children @ weight
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(reach > 0, places / reach, np.nan)
    return Access(ratio, weight @ np.nan_to_num(ratio))


def edge_effect(
    places: ArrayLike,
    children: ArrayLike,
    distance: ArrayLike,
    zones: tuple[float, ...],
    own_sites: NDArray[np.bool_],
    own_homes: NDArray[np.bool_],
    weights: tuple[float, ...] = ZONE_WEIGHTS,
) -> Edge:
    """Access of the council's own homes with all sites and children, and with its own alone: what leaving the
    neighbours out would have said. `own_sites` and `own_homes` mark what is the council's.

    Shapes: as `enhanced_two_step`; `own_sites` is as long as `places`, `own_homes` as `children`; each result is one
    row of the own homes.
    Units: zones and distances in kilometres; places per child out.
    Raises ValueError as `enhanced_two_step`; for marks that are not true or false, or not as many as the sites or
    homes; and where no site or no home is the council's own.
    Source: equity-methods reference, section 10, says to add the neighbours; to leave them out again, so that it shows,
    is ours.
    """
    own_sites, own_homes = np.asarray(own_sites), np.asarray(own_homes)
    if own_sites.dtype != bool or own_homes.dtype != bool:
        raise ValueError("own_sites and own_homes: must be true or false")
    whole = enhanced_two_step(places, children, distance, zones, weights).access
    places, children, distance = np.asarray(places), np.asarray(children), np.asarray(distance)
    same_length(places=places, own_sites=own_sites)
    same_length(children=children, own_homes=own_homes)
    alone = enhanced_two_step(
        places[own_sites], children[own_homes], distance[np.ix_(own_homes, own_sites)], zones, weights
    ).access
    return Edge(whole[own_homes], alone)


def _zone_weights(distance: ArrayLike, zones: tuple[float, ...], weights: tuple[float, ...]) -> Numbers:
    """The weight of the zone that each distance falls into, 0 beyond the last."""
    distance = counts("distance", distance, missing=False)
    edges = vector("zones", positive("zones", zones))
    worth = vector("weights", positive("weights", weights))
    same_length(zones=edges, weights=worth)
    if (np.diff(edges) <= 0).any():
        raise ValueError("zones: edges must rise")
    if (np.diff(worth) > 0).any():
        raise ValueError("weights: must not rise outwards")
    return np.append(worth, 0.0)[np.searchsorted(edges, distance, side="left")]
