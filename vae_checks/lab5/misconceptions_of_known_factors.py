"""What mistakes in the mutual information gap mean."""

KNOWN_FACTORS = {
    "information-entropy": "That is the entropy of one of the two: what they share is asked for.",
    "information-joint": (
        "That is the entropy of the pair: those of both alone are to be set against it."
    ),
    "information-conditional": (
        "That is what stays open once the other is known, not what is learned."
    ),
    "information-one-marginal": "One of the two marginal distributions is missing.",
    "information-added": "All three entropies were added: that of the pair is subtracted.",
    "information-normalized": (
        "It was divided by an entropy: that is the gap's part, b), not this one's."
    ),
    "information-counts": "Counts stand where shares of the images belong.",
    "information-cells-averaged": (
        "The mean over the cells of the table, where their sum is asked for."
    ),
    "information-bias-taken-off": (
        "A correction for the number of images: the plain table is asked for."
    ),
    "information-transposed": (
        "A row for each dimension and a column for each factor, not the reverse."
    ),
    "information-over-factors": (
        "Averaged or added up: each dimension and factor has a number of its own."
    ),
    "information-last-bin": (
        "The largest code of a dimension lies in a bin of its own: it is one too many."
    ),
    "information-bins-count": "The number of bins is off by one: so many bins have one edge more.",
    "information-rounded": (
        "Rounded to the nearest: the first and last bin are half as wide as the others."
    ),
    "information-one-range": (
        "One range for all dimensions: each has its own smallest and largest code."
    ),
    "information-fixed-range": (
        "The range is fixed: it is that of the codes, dimension by dimension."
    ),
    "information-equal-counts": "The bins hold equally many codes: they are to be equally wide.",
    "information-not-binned": "The codes were not put into so many bins of their range.",
    "information-linear": (
        "A correlation sees straight lines alone: the table of counts is asked for."
    ),
    "information-empty-cell": (
        "A cell without images, or a dimension without a range: it adds nothing."
    ),
    "information-dead-dimension": (
        "A dimension that never moves tells nothing: all of it is in one bin."
    ),
    "gap-not-normalized": "The entropies are missing: factors with many values would count more.",
    "gap-of-sums": "A quotient of means: each factor's gap is divided by its own entropy first.",
    "gap-summed": "The sum over factors, where their mean is asked for.",
    "gap-not-averaged": "One gap for each factor: their mean is asked for.",
    "gap-of-largest": "Divided by the largest information, where the factor's entropy belongs.",
    "gap-no-second": "The second dimension is missing: several may tell the same without a loss.",
    "gap-to-smallest": "The largest less the smallest: it is the runner-up that counts.",
    "gap-smallest-two": "Those are the two smallest: the order is the wrong way round.",
    "gap-to-others": "Compared with all the others together, where the second largest belongs.",
    "gap-negated": "The second is subtracted from the first, not the other way round.",
    "gap-times-entropy": "Multiplied by the entropies, where they divide.",
    "gap-median": "Another summary of the factors: their mean is asked for.",
    "gap-distinct": "Two dimensions that tell the same count as one: then the gap is 0.",
    "gap-not-nats": "Entropies in bits and information in nats: both come in nats.",
    "gap-percent": "In percent: a share between 0 and 1 is asked for.",
    "gap-over-factors": "For each dimension over factors: it is for each factor over dimensions.",
}
