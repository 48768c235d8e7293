"""A park's settings in the database."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.park.settings import (
    AreaSection,
    CameraSection,
    ChannelSection,
    GroupingSection,
    HoursSection,
    ParkSection,
    ParkSettings,
    PersonSection,
    ResponseSection,
    RouteSection,
    TeamSection,
)
from gateway.store import tables
from gateway.store.engine import Store

Row = TypeVar("Row", tables.Area, tables.Camera, tables.Person, tables.Team)


def park_names(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(tables.Park.park).order_by(tables.Park.park)))


def park_in(store: Store, name: str) -> ParkSettings | None:
    """As it stands in the database, in the order of names; None when there is no such park."""
    with store.reading() as session:
        park = session.get(tables.Park, name)
        return None if park is None else _settings(session, park)


def apply(store: Store, wanted: ParkSettings) -> None:
    """Make the database say what `wanted` says. What was heard of cameras, and all history, stays.

    A camera that is taken out is revoked and keeps its row: its sightings still need a place.
    """
    now = datetime.now(UTC)
    name = wanted.park.name
    with store.writing() as session:
        park = session.scalars(select(tables.Park).where(tables.Park.park == name).with_for_update()).one_or_none()
        if park is None:
            park = tables.Park(park=name, last_incursion=0, change=0, applied=0)
            session.add(park)
        park.name, park.zone, park.tell = wanted.park.title, wanted.park.zone, list(wanted.park.tell)
        park.grouping = wanted.grouping.model_dump()
        park.response = wanted.response.model_dump()
        park.routes = [each.model_dump(mode="json") for each in wanted.route]
        park.change += 1
        park.applied += 1
        _replace(session, name, tables.Area, {each.name: _area(each) for each in wanted.area})
        _replace(
            session,
            name,
            tables.Team,
            {each.name: _team(each) for each in wanted.team},
        )
        _replace(session, name, tables.Person, {each.name: _person(each) for each in wanted.person})
        _cameras(session, wanted, now)


def _replace(session: Session, park: str, table: type[Row], wanted: dict[str, dict[str, Any]]) -> None:
    """Rows keyed by name: new ones in, gone ones out, the others changed."""
    key = table.__tablename__.removesuffix("s").replace("people", "person")
    rows = {getattr(row, key): row for row in session.scalars(select(table).where(table.park == park))}
    gone = rows.keys() - wanted.keys()
    if gone:
        session.execute(delete(table).where(table.park == park, getattr(table, key).in_(gone)))
    for name, fields in wanted.items():
        row = rows.get(name)
        if row is None:
            session.add(table(park=park, **{key: name}, **fields))
            continue
        for field, value in fields.items():
            setattr(row, field, value)


def _cameras(session: Session, wanted: ParkSettings, now: datetime) -> None:
    park = wanted.park.name
    rows = {row.camera: row for row in session.scalars(select(tables.Camera).where(tables.Camera.park == park))}
    for each in wanted.camera:
        row = rows.get(each.name)
        if row is None:
            row = tables.Camera(park=park, camera=each.name, revoked_at=None)
            session.add(row)
        row.area, row.place, row.key = each.area, each.place, each.key
        row.latitude, row.longitude = each.latitude, each.longitude
        row.revoked_at = (row.revoked_at or now) if each.revoked else None
    for name in rows.keys() - {each.name for each in wanted.camera}:
        rows[name].revoked_at = rows[name].revoked_at or now


def _person(person: PersonSection) -> dict[str, Any]:
    return {
        "name": person.title,
        "role": person.role,
        "language": person.language,
        "channels": [each.model_dump() for each in person.channels],
        "superior": person.superior,
        "quiet_hours": person.quiet_hours.model_dump() if person.quiet_hours is not None else None,
    }


def _area(area: AreaSection) -> dict[str, Any]:
    return {"name": area.title, "team": area.team, "chief": area.chief}


def _team(team: TeamSection) -> dict[str, Any]:
    return {
        "name": team.title,
        "members": list(team.members),
        "shifts": [each.model_dump(mode="json") for each in team.shift],
        "exchanges": [each.model_dump(mode="json") for each in team.exchange],
    }


def _settings(session: Session, park: tables.Park) -> ParkSettings:
    def rows(table: type[Row], key: Any) -> Sequence[Row]:
        return session.scalars(select(table).where(table.park == park.park).order_by(key)).all()

    return ParkSettings(
        park=ParkSection(name=park.park, title=park.name, zone=park.zone, tell=tuple(park.tell)),
        grouping=GroupingSection(**park.grouping),
        response=ResponseSection(**park.response),
        route=tuple(RouteSection.model_validate_json(json.dumps(each)) for each in park.routes),
        area=tuple(
            AreaSection(name=row.area, title=row.name, team=row.team, chief=row.chief)
            for row in rows(tables.Area, tables.Area.area)
        ),
        camera=tuple(_camera(row) for row in rows(tables.Camera, tables.Camera.camera)),
        team=tuple(
            TeamSection.model_validate_json(
                json.dumps(
                    {
                        "name": row.team,
                        "title": row.name,
                        "members": row.members,
                        "shift": row.shifts,
                        "exchange": row.exchanges,
                    }
                )
            )
            for row in rows(tables.Team, tables.Team.team)
        ),
        person=tuple(
            PersonSection.model_validate(
                {
                    "name": row.person,
                    "title": row.name,
                    "role": row.role,
                    "language": row.language,
                    "channels": tuple(ChannelSection(**each) for each in row.channels),
                    "superior": row.superior,
                    "quiet_hours": HoursSection(**row.quiet_hours) if row.quiet_hours else None,
                }
            )
            for row in rows(tables.Person, tables.Person.person)
        ),
    )


def _camera(row: tables.Camera) -> CameraSection:
    return CameraSection(
        name=row.camera,
        area=row.area,
        place=row.place,
        key=row.key,
        latitude=row.latitude,
        longitude=row.longitude,
        revoked=row.revoked_at is not None,
    )
