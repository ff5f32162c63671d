"""Images to train on, beside MNIST, which vae_helpers has.

faces   drawn by code, with six factors that are known
folder  the pictures of a folder, and CelebA's, cut to one size
"""
