"""What a sleeper waits for, and what it does next."""

(
    AWAKE,
    MEASURING,  # the room that a core has
    CALLING,  # the next neuron of a core
    ENTERING,  # a pair of a vector to be entered
    NAMING,  # the id of a neuron to be named
    READING_ENTRY,  # an entry of a record
    SEEKING_KEEPER,  # the core that keeps what comes before
    FINDING,  # the node of an id that is expanded
    CLIMBING,  # the next pair of it, from the last one on
    TAPING,  # an item to be put on the tape
    FETCHING,  # an item of the tape
    WALKING,  # whether a vector goes on with it
    COUNTING,  # a digram to be counted
    USING,  # a vector to note that it fired
    WRITING,  # what the layer fires to be put on the tape
    CHOOSING,  # the best digram of each home core
    FLATTENING,  # the next pair of the right unit, from the last one on
    CHOOSING_ANEW,  # the best digram of the home core whose best was taken
    FORGETTING,  # counters to be forgotten
    RESETTING,  # uses to be reset
    SWEEPING,  # vectors to be freed
    ASKING_ORDINAL,  # the layer's next ordinal
    LISTING,  # the vector made first of each home core
    GIVING,  # an ordinal to be given
    LISTING_ANEW,  # the next one of the home core whose vector was taken
    SETTING_ORDINAL,  # the layer's next ordinal to be set
    CALLING_OLD,  # the next neuron of a core
    DROPPING,  # an old neuron to be taken out
    CLEARING,  # records and keys to be dropped
    FETCHING_ENTRY,  # an item of the tape, for the record
    RECORDING,  # an entry of the record to be kept
    UNFOLDING,  # the next pair of a vector, from the last one on
    LOCATING,  # where the neuron of a pair is
    GROWING,  # the layer's root to take a pair, or to grow the neuron
    RECALLING,  # uses of the vector
    KEEPING,  # count and times of the neuron to be kept
    ENDING,  # a home core to forget the sleep
) = range(37)

(
    NOTHING_TO_DO,
    DO_ROOM,
    DO_CALL,
    DO_CALLED,
    DO_ENTER,
    DO_NAME,
    DO_ENTRY,
    DO_EXPAND,
    DO_READ,
    DO_READ_OVER,
    DO_CHOOSE,
    DO_PICK,
    DO_PICKED,
    DO_PASS_OVER,
    DO_USES,
    DO_ORDINALS,
    DO_LIST,
    DO_LAYER,
    DO_REPLACE,
    DO_RECORDS,
    DO_GROW,
    DO_ANEW,
    DO_END,
) = range(23)

COUNTS, USES, WRITES, GROWS = 1, 2, 3, 4
"""What a reading, or a list of vectors, is for."""
