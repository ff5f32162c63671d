"""Codes of which there are finitely many.

categorical       CategoricalVAE by Gumbel-softmax; JointVAE: continuous codes beside them
vector_quantized  VQVAE: the nearest code of a codebook
finite_scalar     FiniteScalar: rounding in place of a codebook
"""
