"""The neurosemantic network: its core programs, how it is lowered, what its cores keep.

This is what its cores, slot servers and host do on every engine, beside what ``chipsim.machine`` says of any chip. There is a slot server
per region. The actions count: a *synaptic operation* is one holder row or keyed entry compared with one item, a *neuron update* one write
of match state, or of count and times, a *slot op* one slot that a slot server looks at.

**Roles.** Each layer 0..L has a root, and the record keeper stands above the last layer; a role lives on a core and shares its time
and memory. Items flow up one at a time: the sender waits for TAKEN, which is withheld while the receiver's buffer
of 32 items is full, so a slow layer holds back the one below it and in the end the host (``overruns`` counts events offered late).

Keys, of keyed matching and of layer 0, are spread by hash over the cores that are not known to be dead from the start (``Constants.home``).

**Growth** happens inside the run by messages (``neurogenesis.py``, ``slots.py``, ``grow.py``, ``link.py``, ``keyed.py``): a slot is asked for,
the vector is stored, links are made leaf first and root last, each step acknowledged. The plan holds the initial state and capacities
and is never written. A new neuron may take a core's memory up to fifteen sixteenths; the rest is for links of neurons that are there.
Which core it goes to is the policy of growth (``slots.py``), decided by the slot server from what it has given so far and one word of the
root: the middle of the neurons that are named, or the best *placement score*. Where cores score, forwarding lists and axons count accesses; a
list begins at 0 with its first member, an axon where its list is when it is linked, and a list that moves takes its count along. The answer
to the first item of a probe carries, combined like candidates by the larger, the accesses of those axons of the segment's items that the core
has heard of so far (of equal ones that of the core with more room, in sixteenths, is larger, then that of the lower core); the largest
of the probes without a winner is the segment's. A core that refused a neuron, or where neurons move one that cannot be cut, does not score
until a neuron leaves it. Under any but the default policy slots that become free are given again, the last one freed first.

**Migration** (``migrate.py``, ``bisect.py``, ``depart.py``, ``unlink.py``, ``withdraw.py``, ``pause.py``): a core that is full is cut in two
along its own axons, and one half moves to an empty core, a batch of neurons between two segments of their layer: the half that reads more of
what the new neuron names for which there was no room. While a batch moves the
layers above stand at safe points: they have nothing presented, no link being made and no item on the way. So no packet sees a neuron
twice or not at all, ids stay, and decisions and the stored network are those without migration. What is decided of it (the cut, the order)
depends on counts of accesses, never on time; slots are given in the order in which requests come to the slot server.
"""

NAME = "nsn"
"""Name of the program."""
