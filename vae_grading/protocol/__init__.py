"""What judge and student's process say to each other, and how objects of one are used in the other.

wire.py           messages: JSON and tensors over a socket, bounded in size, number and time
peer.py           one end of the conversation: requests, replies, requests within requests
end.py            what its parts need of it
answering.py      its other half: what a request asks for
access_policy.py  what an end lets the other do with its objects
values.py         what crosses by value, and what as a reference
objects.py        objects that both ends know by number
stubs.py          objects that stand for those of the other process
shared_state.py   what one end knows of the other while a test is judged
originals.py      the judge's models and optimizers, described
replicas.py       the same as real ones in the student's process
in_step.py        their modes, steps and settings
leaves.py         parameters in step at both ends
arguments.py      what a call did to its arguments, and which of them it knows
gradients.py      autograd across the wire
batches.py        the same for batches of gradients
transforms.py     the same under torch.func
random_numbers.py one stream of random numbers
exceptions.py     exceptions that cross
"""
