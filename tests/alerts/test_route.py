from alerts.route import Area, Person, Reach, Team, Told, route

EAST = Area("Khlong E-Thao", "east")


def person(name: str, *reaches: str, role: str = "ranger") -> Person:
    """`reaches` as 'channel:address'."""
    return Person(name, role, tuple(Reach(*reach.split(":")) for reach in reaches))


def addresses(told: tuple[Told, ...]) -> list[str]:
    return [f"{each.person} {each.channel}:{each.address}" for each in told]


def test_every_member_of_the_areas_team_is_told_over_each_channel_in_their_order() -> None:
    told = route(
        EAST,
        [Team("east", ("somchai", "malee"))],
        [person("malee", "web:malee"), person("somchai", "telegram:7", "web:somchai")],
    )
    assert addresses(told) == ["somchai telegram:7", "somchai web:somchai", "malee web:malee"]


def test_the_reason_names_the_team_and_the_area() -> None:
    (told,) = route(EAST, [Team("east", ("malee",))], [person("malee", "web:malee")])
    assert told.reason == "in team east of area Khlong E-Thao"


def test_another_team_is_not_told() -> None:
    told = route(
        EAST,
        [Team("west", ("anong",)), Team("east", ("malee",))],
        [person("anong", "web:anong"), person("malee", "web:malee")],
    )
    assert addresses(told) == ["malee web:malee"]


def test_an_operator_is_not_told_of_an_area_whose_team_they_are_not_in() -> None:
    told = route(
        EAST,
        [Team("east", ("malee",))],
        [person("malee", "web:malee"), person("duty", "web:duty", role="operator")],
    )
    assert addresses(told) == ["malee web:malee"]


def test_an_operator_who_is_a_member_is_told() -> None:
    told = route(EAST, [Team("east", ("duty",))], [person("duty", "web:duty", role="operator")])
    assert addresses(told) == ["duty web:duty"]


def test_a_group_that_several_members_list_is_told_once_through_the_first_of_them() -> None:
    told = route(
        EAST,
        [Team("east", ("somchai", "malee"))],
        [person("somchai", "telegram:-100"), person("malee", "telegram:-100", "web:malee")],
    )
    assert addresses(told) == ["somchai telegram:-100", "malee web:malee"]


def test_of_two_chats_on_one_channel_a_person_is_told_in_the_preferred_one() -> None:
    told = route(EAST, [Team("east", ("malee",))], [person("malee", "telegram:7", "telegram:8")])
    assert addresses(told) == ["malee telegram:7"]


def test_a_member_who_is_not_among_the_people_keeps_nobody_else_from_being_told() -> None:
    told = route(EAST, [Team("east", ("gone", "malee"))], [person("malee", "web:malee")])
    assert addresses(told) == ["malee web:malee"]


def test_every_operator_is_told_when_the_team_reaches_nobody() -> None:
    told = route(EAST, [Team("east", ("malee",))], [person("malee"), person("duty", "web:duty", role="operator")])
    assert addresses(told) == ["duty web:duty"]
    assert told[0].reason == "operator, for team east of area Khlong E-Thao reaches nobody"


def test_every_operator_is_told_when_there_is_no_such_team() -> None:
    assert addresses(route(EAST, [], [person("duty", "web:duty", role="operator")])) == ["duty web:duty"]
