import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.data.id_space import Identity, IdSpace, read_identities

names = st.text("ab", max_size=2)
identities = st.lists(
    st.builds(Identity, names, names, st.integers(0, 3) | st.text("12", max_size=2))
)


def test_numbers_follow_the_keys():
    space = IdSpace(
        [
            Identity("mot20", "MOT20-01", 1),
            Identity("mot17", "MOT17-04", 10),
            Identity("mot17", "MOT17-04", 9),
            Identity("mot17", "MOT17-04", "1"),
            Identity("mot17", "MOT17-02", 11),
            Identity("mot17", "MOT17-04", 9),
        ]
    )
    assert list(space) == [
        Identity("mot17", "MOT17-02", 11),
        Identity("mot17", "MOT17-04", 9),
        Identity("mot17", "MOT17-04", 10),
        Identity("mot17", "MOT17-04", "1"),
        Identity("mot20", "MOT20-01", 1),
    ]
    assert len(space) == 5
    assert space.number(Identity("mot17", "MOT17-04", 10)) == 3
    assert space.number(None) == -1


def test_strangers_have_no_number():
    with pytest.raises(KeyError):
        IdSpace([]).number(Identity("mot17", "MOT17-02", 1))


@given(identities, st.randoms())
def test_order_and_repetition_change_nothing(people, random):
    shuffled = people * 2
    random.shuffle(shuffled)
    space = IdSpace(people)
    assert space.to_records() == IdSpace(shuffled).to_records()
    assert {space.number(who) for who in people} == set(range(1, len(set(people)) + 1))


@given(identities)
def test_records_read_back(people):
    space = IdSpace(people, first=0)
    back = read_identities(space.to_records())
    assert back == dict(enumerate(space))
    assert all(space.number(who) == number for number, who in back.items())
