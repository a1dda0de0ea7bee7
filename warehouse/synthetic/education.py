"""Lives in education: schooling, plans, requests, placements, needs, reviews, and the school roll of each term."""

from __future__ import annotations

from warehouse.synthetic import life_placement, life_plan, life_request, life_review, life_school
from warehouse.synthetic.world import World


def build(world: World) -> None:
    """Tables schooling, mainstream, plan_life, request_fact, segment, plan_need, review_life, sen_support and roll."""
    life_school.schooling(world)
    life_plan.build(world)
    life_request.build(world)
    life_placement.build(world)
    life_review.build(world)
    life_school.roll(world)
    world.count("plans in force", "plan_life where class = 'active'")
    world.count("requests", "request_life")
