"""Use cases of the bank: statements brought in, lines matched or set aside."""
