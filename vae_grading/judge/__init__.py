"""The judge: test cells run here, the student's objects live in another process.

notebook.py       a whole submission, cell by cell; what becomes of it when a process ends
plan.py           which of its cells have to run
session.py        the judge's end of one student's process: runs cells there, judges tests here
student.py        the student's process: runs cells, answers
forbidden.py      there: what a lab asks students to write refuses to be called
policy.py         what the student's process may ask of the judge's objects: nearly nothing
peer.py           one end of the conversation: requests, replies, requests within requests
answering.py      its other half: what a request asks for
memory.py         what one end knows of the other while a test is judged
objects.py        objects that both ends know by number
stubs.py          objects that stand for those of the other process
originals.py      the judge's models and optimizers, described
replicas.py       the same as real ones in the student's process
in_step.py        their modes, steps and settings
gradients.py      autograd across the wire
batches.py        the same for batches of gradients
transforms.py     the same under torch.func
leaves.py         parameters in step at both ends
arguments.py      what a call did to its arguments, and which of them it knows
random_numbers.py one stream of random numbers
exceptions.py     exceptions that cross
values.py         what crosses by value, and what as a reference
wire.py           messages: JSON and safetensors over a socket, bounded in size, number and time
"""
