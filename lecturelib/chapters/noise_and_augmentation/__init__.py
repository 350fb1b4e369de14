"""The chapter ``noise_and_augmentation``: what it has beyond the library."""
