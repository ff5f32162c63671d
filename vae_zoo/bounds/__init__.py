"""Other bounds of log p(x), of K weights w_k = p(x, z_k) / q(z_k|x).

importance_weighted     ImportanceWeighted: IWAE
partial                 MultiplyWeighted, Combined, Partial: MIWAE, CIWAE, PIWAE
doubly_reparameterized  DoublyReparameterized: the gradient of IWAE with less variance
"""
