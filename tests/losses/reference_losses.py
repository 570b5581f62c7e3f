"""SimOTA and the losses as the papers state them, in loops over images, objects, places, classes.

Slow and obvious on purpose: Python floats, nothing batched, no line shared with `yolox.losses`.
A box is (centre x, centre y, width, height) in pixels, a place is (column, row, stride).
"""

import math
from typing import NamedTuple


class Thing(NamedTuple):
    """One true object."""

    box: list
    class_id: int
    identity: int


class Picture(NamedTuple):
    """One image: what is predicted at each place, and what is true."""

    offsets: list
    objectness: list
    classes: list
    things: list


class Match(NamedTuple):
    """A place and the object that it is to learn."""

    place: int
    thing: int
    iou: float


class Assignment(NamedTuple):
    """What SimOTA decides for one image, and how it came to it.

    `margin` is how near the closest decision was to going the other way. The counts say what a case
    exercises: places wanted by several objects, places won by an object that had not asked for
    them, objects that took a place outside their preferred region, objects that took several.
    """

    matches: list
    margin: float
    contested: int
    unasked: int
    behind: int
    several: int


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def decode(offset, place):
    column, row, stride = place
    return [
        (offset[0] + column) * stride,
        (offset[1] + row) * stride,
        math.exp(offset[2]) * stride,
        math.exp(offset[3]) * stride,
    ]


def corners(box):
    x, y, w, h = box
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def overlap_area(a, b):
    left_a, top_a, right_a, bottom_a = corners(a)
    left_b, top_b, right_b, bottom_b = corners(b)
    width = min(right_a, right_b) - max(left_a, left_b)
    height = min(bottom_a, bottom_b) - max(top_a, top_b)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height


def intersection_over_union(a, b):
    both = overlap_area(a, b)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


# --- SimOTA


def regions(place, box, image_size, rule):
    """Say whether an object may take a place, and whether it prefers it."""
    column, row, stride = place
    x, y = column * stride + stride / 2, row * stride + stride / 2
    left, top, right, bottom = corners(box)
    in_box = left < x < right and top < y < bottom
    centre_x, centre_y = box[0], box[1]
    if rule == "bytetrack":
        image_height, image_width = image_size
        centre_x = min(max(centre_x, 0), image_width)
        centre_y = min(max(centre_y, 0), image_height)
        reach = 2.5 * stride
    else:
        reach = 1.5 * stride
    in_square = abs(x - centre_x) < reach and abs(y - centre_y) < reach
    if rule == "bytetrack":
        return in_box or in_square, in_box and in_square
    return in_square, in_square


def class_cost(class_logits, object_logit, class_id):
    cost = 0.0
    for position, logit in enumerate(class_logits):
        p = math.sqrt(sigmoid(logit) * sigmoid(object_logit))
        if position == class_id:
            cost += min(-math.log(p), 100.0)
        else:
            cost += min(-math.log(1 - p), 100.0)
    return cost


def assign_image(picture, places, image_size, rule):
    things = picture.things
    penalty = 1e5 if rule == "bytetrack" else 1e6

    allowed = [
        [regions(place, thing.box, image_size, rule) for place in places] for thing in things
    ]
    candidates = [n for n in range(len(places)) if any(row[n][0] for row in allowed)]

    ious, costs = [], []
    for thing, row in zip(things, allowed, strict=True):
        ious.append({})
        costs.append({})
        for n in candidates:
            iou = intersection_over_union(decode(picture.offsets[n], places[n]), thing.box)
            cost = class_cost(picture.classes[n], picture.objectness[n], thing.class_id)
            cost += 3 * -math.log(iou + 1e-8)
            if not row[n][1]:
                cost += penalty
            ious[-1][n], costs[-1][n] = iou, cost

    margin = math.inf
    behind = several = 0
    wanted_by = {n: [] for n in candidates}
    for g in range(len(things)):
        if not candidates:
            continue
        best = sum(sorted(ious[g].values(), reverse=True)[:10])
        if best > 1.5:
            margin = min(margin, abs(best - round(best)))
        count = max(int(best), 1)
        ranked = sorted(candidates, key=costs[g].get)
        if count < len(ranked):
            margin = min(margin, costs[g][ranked[count]] - costs[g][ranked[count - 1]])
        for n in ranked[:count]:
            wanted_by[n].append(g)
        behind += any(not allowed[g][n][1] for n in ranked[:count])
        several += count > 1

    matches, contested, unasked = [], 0, 0
    for n, wanting in wanted_by.items():
        if not wanting:
            continue
        winner = wanting[0]
        if len(wanting) > 1:
            contested += 1
            ranked = sorted(range(len(things)), key=lambda g: costs[g][n])
            winner = ranked[0]
            unasked += winner not in wanting
            margin = min(margin, costs[ranked[1]][n] - costs[winner][n])
        matches.append(Match(n, winner, ious[winner][n]))
    return Assignment(matches, margin, contested, unasked, behind, several)


# --- Detection


def box_loss(predicted, wanted, kind, trade_off=None):
    """Compare two boxes; `trade_off` is CIoU's α, which counts as a constant in its gradient."""
    iou = intersection_over_union(predicted, wanted)
    if kind == "iou":
        return 1 - iou * iou
    left, top, right, bottom = corners(predicted)
    left_w, top_w, right_w, bottom_w = corners(wanted)
    hull_width = max(right, right_w) - min(left, left_w)
    hull_height = max(bottom, bottom_w) - min(top, top_w)
    if kind == "giou":
        hull = hull_width * hull_height
        both = overlap_area(predicted, wanted)
        union = predicted[2] * predicted[3] + wanted[2] * wanted[3] - both
        return 1 - (iou - (hull - union) / hull)
    distance = (predicted[0] - wanted[0]) ** 2 + (predicted[1] - wanted[1]) ** 2
    diagonal = hull_width**2 + hull_height**2
    if trade_off is None:
        trade_off = ciou_trade_off(predicted, wanted)
    return 1 - (iou - distance / diagonal - trade_off * ciou_shape(predicted, wanted))


def ciou_shape(predicted, wanted):
    angle = math.atan(wanted[2] / wanted[3]) - math.atan(predicted[2] / predicted[3])
    return 4 / math.pi**2 * angle**2


def ciou_trade_off(predicted, wanted):
    shape = ciou_shape(predicted, wanted)
    if shape == 0:
        return 0.0
    return shape / (1 - intersection_over_union(predicted, wanted) + shape)


def binary_cross_entropy(logit, target):
    return -target * math.log(sigmoid(logit)) - (1 - target) * math.log(sigmoid(-logit))


def detection_losses(pictures, places, matches, kind):
    """Give the losses by name; `matches` holds a list of matches for each image."""
    box = objectness = classes = l1 = 0.0
    matched = 0
    for picture, taken in zip(pictures, matches, strict=True):
        matched += len(taken)
        learning = {match.place: match for match in taken}
        for n, place in enumerate(places):
            match = learning.get(n)
            objectness += binary_cross_entropy(picture.objectness[n], 0 if match is None else 1)
            if match is None:
                continue
            thing = picture.things[match.thing]
            box += box_loss(decode(picture.offsets[n], place), thing.box, kind)
            for class_id, logit in enumerate(picture.classes[n]):
                target = match.iou if class_id == thing.class_id else 0.0
                classes += binary_cross_entropy(logit, target)
            column, row, stride = place
            x, y, width, height = thing.box
            raw = [x / stride - column, y / stride - row]
            raw += [math.log(width / stride), math.log(height / stride)]
            l1 += sum(abs(a - b) for a, b in zip(picture.offsets[n], raw, strict=True))
    count = max(matched, 1)
    return {
        "box": box / count,
        "objectness": objectness / count,
        "class": classes / count,
        "l1": l1 / count,
    }


# --- Identity; `embeddings` is a list of lists, `identities` has no unlabelled one


def emb_scale(number_of_identities):
    return math.sqrt(2) * math.log(number_of_identities - 1)


def unit(vector):
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def log_softmax(logits):
    highest = max(logits)
    normaliser = highest + math.log(sum(math.exp(x - highest) for x in logits))
    return [x - normaliser for x in logits]


def classifier_loss(embeddings, identities, weight, bias, scale, smoothing=0.0, gamma=0.0):
    """Cross-entropy over scaled unit embeddings; focal if `gamma` is not 0."""
    total = 0.0
    for embedding, identity in zip(embeddings, identities, strict=True):
        stretched = [scale * x for x in unit(embedding)]
        log_p = log_softmax([dot(row, stretched) + b for row, b in zip(weight, bias, strict=True)])
        loss = 0.0
        for k, value in enumerate(log_p):
            share = smoothing / len(log_p) + (1 - smoothing if k == identity else 0)
            loss -= share * value
        total += (1 - math.exp(log_p[identity])) ** gamma * loss
    return total / len(embeddings)


def margin_softmax_loss(embeddings, identities, prototypes, kind, margin, scale):
    """Compute ArcFace (`margin` in degrees) or CosFace; `prototypes` has one vector a person."""
    total = 0.0
    for embedding, identity in zip(embeddings, identities, strict=True):
        logits = []
        for k, prototype in enumerate(prototypes):
            cosine = dot(unit(embedding), unit(prototype))
            if k == identity and kind == "cosface":
                cosine -= margin
            elif k == identity:
                angle, added = math.acos(cosine), math.radians(margin)
                # Past 180 degrees the cosine would rise again.
                if angle + added <= math.pi:
                    cosine = math.cos(angle + added)
                else:
                    cosine -= added * math.sin(added)
            logits.append(scale * cosine)
        total -= log_softmax(logits)[identity]
    return total / len(embeddings)


def mean_of_those_above_zero(losses):
    positive = [loss for loss in losses if loss > 0]
    return sum(positive) / len(positive) if positive else 0.0


def others(identities, anchor):
    """List who else is the anchor's person, and who is not."""
    same = [k for k, who in enumerate(identities) if who == identities[anchor] and k != anchor]
    different = [k for k, who in enumerate(identities) if who != identities[anchor]]
    return same, different


def batch_hard_triplet_loss(embeddings, identities, margin):
    units = [unit(embedding) for embedding in embeddings]
    losses = []
    for anchor in range(len(units)):
        same, different = others(identities, anchor)
        if not same or not different:
            continue
        farthest = max(math.dist(units[anchor], units[k]) for k in same)
        nearest = min(math.dist(units[anchor], units[k]) for k in different)
        losses.append(max(farthest - nearest + margin, 0.0))
    return mean_of_those_above_zero(losses)


def circle_loss(embeddings, identities, margin, scale):
    """Compute Sun et al. (2020), eq. 6, with Δ_p = 1 − m and Δ_n = m."""
    units = [unit(embedding) for embedding in embeddings]
    losses = []
    for anchor in range(len(units)):
        same, different = others(identities, anchor)
        if not same or not different:
            continue
        towards = apart = 0.0
        for k in same:
            s = dot(units[anchor], units[k])
            towards += math.exp(-scale * max(1 + margin - s, 0) * (s - (1 - margin)))
        for k in different:
            s = dot(units[anchor], units[k])
            apart += math.exp(scale * max(s + margin, 0) * (s - margin))
        losses.append(math.log1p(towards * apart))
    return mean_of_those_above_zero(losses)


def supervised_contrastive_loss(embeddings, identities, temperature):
    """Compute Khosla et al. (2020), eq. 2."""
    if len(set(identities)) < 2:
        return 0.0
    units = [unit(embedding) for embedding in embeddings]
    losses = []
    for anchor in range(len(units)):
        same, different = others(identities, anchor)
        if not same:
            continue
        similarity = [dot(units[anchor], vector) / temperature for vector in units]
        everyone = math.log(sum(math.exp(similarity[k]) for k in same + different))
        losses.append(-sum(similarity[k] - everyone for k in same) / len(same))
    return mean_of_those_above_zero(losses)


def read_bilinear(level, x, y):
    """Read a `[channel][row][column]` map of stride 8 at a pixel, or at its border if outside."""
    rows, columns = len(level[0]), len(level[0][0])
    u = min(max((x - 4) / 8, 0), columns - 1)
    v = min(max((y - 4) / 8, 0), rows - 1)
    embedding = []
    for channel in level:
        value = 0.0
        for row in range(rows):
            for column in range(columns):
                weight = max(1 - abs(u - column), 0) * max(1 - abs(v - row), 0)
                value += weight * channel[row][column]
        embedding.append(value)
    return embedding


def read_location(levels, n):
    """Read the n-th place of maps that are listed level by level, row by row."""
    for level in levels:
        rows, columns = len(level[0]), len(level[0][0])
        if n < rows * columns:
            return [channel[n // columns][n % columns] for channel in level]
        n -= rows * columns
    raise IndexError


# --- Balance


def uncertainty(detection, identity, s_det, s_id):
    weighted = math.exp(-s_det) * detection + math.exp(-s_id) * identity
    return 0.5 * (weighted + s_det + s_id)


def dynamic_weights(epochs, temperature):
    """Weigh by epochs of mean losses, each a pair: 2 · softmax of L(t−1) / L(t−2) over T."""
    if len(epochs) < 2:
        return [1.0, 1.0]
    exponentials = [
        math.exp(last / before / temperature)
        for before, last in zip(epochs[-2], epochs[-1], strict=True)
    ]
    return [2 * value / sum(exponentials) for value in exponentials]


def project_conflicts(gradients):
    """Compute PCGrad (Yu et al., 2020, algorithm 1), the other tasks in order; give the sum."""
    total = [0.0] * len(gradients[0])
    for i, own in enumerate(gradients):
        projected = list(own)
        for j, other in enumerate(gradients):
            if i == j or dot(projected, other) >= 0:
                continue
            factor = dot(projected, other) / dot(other, other)
            projected = [x - factor * y for x, y in zip(projected, other, strict=True)]
        total = [a + b for a, b in zip(total, projected, strict=True)]
    return total
