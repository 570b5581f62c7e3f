from collections import Counter

import numpy as np
import pytest
from data.painted import Person, document, street, write

from yolox.data.annotations import read_annotations
from yolox.data.mosaic import Augmentation
from yolox.data.sampler import IdentityBalanced, Shuffled, TrainingBatches, training_sizes
from yolox.data.training import Draw, TrainingView
from yolox.structures import InputError

SIZES = [(32 * k, 64 * k) for k in range(1, 9)]


def batches(order, **options):
    defaults = {"batch_size": 4, "stop": 30, "sizes": SIZES, "seed": 5}
    return TrainingBatches(order, **(defaults | options))


def images(listed):
    return [draw.index for batch in listed for draw in batch]


def test_every_epoch_has_each_image_once_in_another_order():
    drawn = np.array(images(batches(Shuffled(12, seed=1), batch_size=4, stop=300)))
    epochs = drawn.reshape(100, 12)
    assert (np.sort(epochs, axis=1) == np.arange(12)).all()
    assert len({tuple(epoch) for epoch in epochs}) == 100
    # No image has a favourite place.
    assert np.abs(epochs.mean(axis=0) - 5.5).max() < 1.5


def test_an_epoch_may_end_within_a_batch():
    drawn = images(batches(Shuffled(7, seed=1), batch_size=4, stop=14))
    for epoch in range(8):
        assert sorted(drawn[7 * epoch : 7 * epoch + 7]) == list(range(7))


def test_fewer_images_than_a_batch():
    drawn = images(batches(Shuffled(3, seed=1), batch_size=8, stop=6))
    assert Counter(drawn) == {0: 16, 1: 16, 2: 16}
    assert images(batches(Shuffled(1, seed=1), batch_size=2, stop=2)) == [0] * 4


def test_the_seed_decides():
    first, again, other = (images(batches(Shuffled(50, seed=seed), stop=12)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_groups_may_be_asked_for_in_any_order():
    order = Shuffled(11, seed=3)
    expected = [order.group(number, 4) for number in range(20)]
    for number in (19, 3, 0, 11, 12, 2):
        assert order.group(number, 4) == expected[number]
        assert Shuffled(11, seed=3).group(number, 4) == expected[number]


@pytest.fixture
def annotations(tmp_path):
    """Identity i, of seven, is in 3 i + 1 images; identity 6 in two only; others are unknown."""
    random = np.random.default_rng(0)
    people = [[] for _ in range(30)]
    for identity in range(7):
        for image in random.choice(30, 2 if identity == 6 else 3 * identity + 1, replace=False):
            people[image].append(Person((0, 0, 9, 9), 5 * identity + 3))
    people[0].append(Person((0, 0, 9, 9), -1))
    return read_annotations(write(tmp_path, document([(20, 20)] * 30, people)))


def shows(annotations, image, identity):
    return identity in annotations.of_image(image).identities


def order_of(name, annotations):
    return Shuffled(30, seed=2) if name == "shuffled" else IdentityBalanced(annotations, 2, seed=2)


@pytest.mark.parametrize("name", ["shuffled", "balanced"])
@pytest.mark.parametrize("world_size", [2, 3])
def test_ranks_together_are_the_single_process(annotations, name, world_size):
    whole = list(batches(order_of(name, annotations), stop=10, batch_size=4 * world_size))
    ranks = [
        list(batches(order_of(name, annotations), stop=10, rank=rank, world_size=world_size))
        for rank in range(world_size)
    ]
    for step, batch in enumerate(whole):
        theirs = [draw for rank in ranks for draw in rank[step]]
        assert [d.index for d in theirs] == [d.index for d in batch]
        assert [d.number for d in theirs] == [d.number for d in batch]
    numbers = [d.number for rank in ranks for batch in rank for d in batch]
    assert sorted(numbers) == list(range(10 * world_size * 4))


def test_ranks_share_an_epoch():
    """What the ranks draw in an epoch is each image once."""
    ranks = [list(batches(Shuffled(24, seed=1), stop=9, rank=r, world_size=2)) for r in (0, 1)]
    for epoch in range(3):
        steps = range(3 * epoch, 3 * epoch + 3)
        drawn = [d.index for rank in ranks for step in steps for d in rank[step]]
        assert sorted(drawn) == list(range(24))


def test_a_larger_batch_or_more_ranks_draw_the_same_pictures():
    """One process with 8 and two with 4 each: the same batch in all."""
    alone = list(batches(Shuffled(30, seed=1), batch_size=8, stop=12))
    ranks = [list(batches(Shuffled(30, seed=1), stop=12, rank=r, world_size=2)) for r in (0, 1)]
    for batch, first, second in zip(alone, *ranks, strict=True):
        assert batch == first + second


@pytest.mark.parametrize("name", ["shuffled", "balanced"])
@pytest.mark.parametrize("start", [0, 1, 9, 10, 29, 30])
def test_going_on_after_an_interruption(annotations, name, start):
    options = {"mosaic_until": 17, "world_size": 2, "rank": 1}
    whole = list(batches(order_of(name, annotations), **options))
    rest = batches(order_of(name, annotations), start=start, **options)
    assert list(rest) == whole[start:]
    assert len(rest) == 30 - start
    assert list(rest) == whole[start:]  # and again


def test_sizes():
    ranks = [
        list(batches(Shuffled(9, seed=1), stop=400, rank=r, world_size=3, resize_every=5))
        for r in range(3)
    ]
    sizes = [[{draw.size for draw in batch} for batch in rank] for rank in ranks]
    assert sizes[0] == sizes[1] == sizes[2]
    assert all(len(one) == 1 for one in sizes[0])
    series = [next(iter(one)) for one in sizes[0]]
    for period in range(80):
        assert len(set(series[5 * period : 5 * period + 5])) == 1
    assert set(series) == set(SIZES)
    changes = sum(a != b for a, b in zip(series[:-5:5], series[5::5], strict=True))
    assert changes > 50
    assert [d.size for d in batches(Shuffled(9, seed=1), sizes=SIZES[:1]).batch(7)] == SIZES[:1] * 4


def test_sizes_change_every_ten_batches_by_default():
    series = [batch[0].size for batch in batches(Shuffled(9, seed=1), stop=600)]
    changes = [k for k in range(1, 600) if series[k] != series[k - 1]]
    assert {k % 10 for k in changes} == {0}


def test_the_seed_of_the_sizes_is_its_own():
    series = {
        tuple(b[0].size for b in batches(Shuffled(9, seed=1), stop=300, seed=seed))
        for seed in range(5)
    }
    assert len(series) == 5


@pytest.mark.parametrize(
    ("mosaic_until", "expected"), [(None, 30), (0, 0), (1, 1), (12, 12), (30, 30), (99, 30)]
)
def test_until_when_there_are_mosaics(mosaic_until, expected):
    flags = [[d.mosaic for d in b] for b in batches(Shuffled(9, seed=1), mosaic_until=mosaic_until)]
    assert flags == [[True] * 4] * expected + [[False] * 4] * (30 - expected)


def test_a_batch():
    (batch,) = batches(Shuffled(1, seed=0), batch_size=2, stop=1, sizes=[(32, 64)])
    assert batch == [Draw(0, 0, (32, 64), True), Draw(0, 1, (32, 64), True)]


@pytest.mark.parametrize(("identities", "images_each"), [(2, 2), (3, 4), (7, 1), (1, 5)])
def test_balanced_groups_have_p_identities_with_k_images(annotations, identities, images_each):
    order = IdentityBalanced(annotations, images_each, seed=4)
    for number in range(40):
        group = order.group(number, identities * images_each)
        assert len(group) == identities * images_each
        parts = np.array(group).reshape(identities, images_each)
        for part in parts:
            common = set.intersection(
                *(set(annotations.of_image(image).identities.tolist()) for image in part)
            )
            assert common - {-1}


def people_of(order):
    """Which identity each image of a group was drawn for: spy on the order of the people."""
    drawn = []
    ask = order._people

    def spied(number, count):
        drawn.append(ask(number, count))
        return drawn[-1]

    order._people = spied
    return drawn


def test_each_identity_comes_up_equally_often(annotations):
    order = IdentityBalanced(annotations, 2, seed=4)
    drawn = people_of(order)
    groups = [order.group(number, 6) for number in range(700)]
    often = Counter(np.concatenate(drawn).tolist())
    # A round of two groups leaves one of the seven out, at random: 300 times each, ± 4 σ.
    assert all(abs(often[person] - 300) < 27 for person in range(7))
    for first, second in zip(drawn[::2], drawn[1::2], strict=True):
        assert len({*first, *second}) == 6
    for people, group in zip(drawn, groups, strict=True):
        for place, person in enumerate(people):
            for image in group[2 * place : 2 * place + 2]:
                assert shows(annotations, image, person)


def test_the_images_of_an_identity_differ_where_it_has_enough(annotations):
    order = IdentityBalanced(annotations, 4, seed=4)
    drawn = people_of(order)
    seen = {identity: set() for identity in range(7)}
    for number in range(200):
        group = order.group(number, 8)
        for place, person in enumerate(drawn[-1]):
            part = group[4 * place : 4 * place + 4]
            seen[person] |= set(part)
            if (annotations.objects.identities == person).sum() >= 4:
                assert len(set(part)) == 4
    for identity, its in seen.items():
        assert len(its) == (annotations.objects.identities == identity).sum()


def test_an_identity_with_few_images_shows_them_all(annotations):
    """Two images for four places are each taken twice."""
    order = IdentityBalanced(annotations, 4, seed=4)
    drawn = people_of(order)
    for number in range(50):
        group = order.group(number, 4)
        if drawn[-1] == [6]:
            assert sorted(Counter(group).values()) == [2, 2]


def test_the_identities_of_a_group_differ_where_there_are_enough(annotations):
    """Seven identities, three a group: groups that span two rounds have three different ones."""
    order = IdentityBalanced(annotations, 2, seed=4)
    drawn = people_of(order)
    for number in range(300):
        order.group(number, 6)
    assert all(len(set(people)) == 3 for people in drawn)


def test_groups_of_identities_are_those_of_the_seed(annotations):
    first, again, other = (
        [IdentityBalanced(annotations, 2, seed=seed).group(n, 6) for n in range(20)]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_errors(tmp_path, annotations):
    order = Shuffled(9, seed=1)
    with pytest.raises(InputError, match="no image to draw from"):
        Shuffled(0, seed=1)
    with pytest.raises(InputError, match="batch of 5 cannot hold 2 images of each identity"):
        IdentityBalanced(annotations, 2, seed=1).group(0, 5)
    with pytest.raises(InputError, match="images_each is 0"):
        IdentityBalanced(annotations, 0, seed=1)
    nobody = document([(20, 20)], [[Person((0, 0, 9, 9), -1)]])
    with pytest.raises(InputError, match="no identities; take the shuffled order"):
        IdentityBalanced(read_annotations(write(tmp_path, nobody)), 2, seed=1)
    for options, message in (
        ({"batch_size": 0}, "batch_size is 0"),
        ({"world_size": 0}, "world_size is 0"),
        ({"rank": 1}, "rank is 1; give a number from 0 to 0"),
        ({"rank": -1, "world_size": 2}, "rank is -1"),
        ({"rank": 2, "world_size": 2}, "rank is 2"),
        ({"resize_every": 0}, "resize_every is 0"),
        ({"start": 31}, "start is 31; give a number from 0 to 30"),
        ({"start": -1}, "start is -1"),
        ({"sizes": []}, "sizes is empty"),
    ):
        with pytest.raises(InputError, match=message):
            batches(order, **options)


@pytest.mark.parametrize(
    ("size", "multiples", "first", "last"),
    [
        ((800, 1440), (18, 32), (576, 1024), (1024, 1824)),
        ((608, 1088), (12, 26), (384, 672), (832, 1472)),
        ((896, 1600), (20, 36), (640, 1120), (1152, 2048)),
    ],
)
def test_training_sizes_are_yolox(size, multiples, first, last):
    sizes = training_sizes(*size, multiples)
    assert (sizes[0], sizes[-1]) == (first, last)
    assert len(sizes) == multiples[1] - multiples[0] + 1
    for k, (height, width) in zip(range(multiples[0], multiples[1] + 1), sizes, strict=True):
        assert height == 32 * k
        assert width == int(k * (size[1] / size[0])) * 32  # as YOLOX writes it
    assert training_sizes(800, 1440, (25, 25)) == [(800, 1440)]


def test_training_sizes_from_high_to_low():
    with pytest.raises(InputError, match=r"multiples\[0\] is 32; give a number from 1 to 18"):
        training_sizes(800, 1440, (32, 18))
    with pytest.raises(InputError, match=r"multiples\[0\] is 0"):
        training_sizes(800, 1440, (0, 18))


def test_streams_of_chance_do_not_repeat_each_other(monkeypatch, annotations, tmp_path):
    """NumPy takes (5, 1) and (5, 1, 0) for the same seed."""
    states, purposes = {}, []
    make = np.random.default_rng

    def spied(seed):
        random = make(seed)
        states.setdefault(random.bit_generator.state["state"]["state"], set()).add(
            (purposes[-1], seed)
        )
        return random

    dataset = street(tmp_path, [(20, 30)] * 2)
    monkeypatch.setattr(np.random, "default_rng", spied)
    purposes.append("images of identities")
    balanced = IdentityBalanced(annotations, 1, seed=5)
    balanced._people = lambda number, count: [0] * count
    for number in range(8):
        balanced.group(number, 1)
    purposes.append("order")
    for number in range(8):
        Shuffled(1, seed=5).group(number, 1)
    purposes.append("size")
    for number in range(8):
        batches(Shuffled(9, seed=99), seed=5)._size(number)
    purposes.append("picture")
    view = TrainingView(dataset, Augmentation(), seed=5)
    for number in range(8):
        _ = view[Draw(0, number, (32, 32))]
    assert len(states) == 32
