"""What experiments of several chapters share: networks with the seeds along a leading axis, their
batches, and networks on images. Pure functions from settings and seeds to one value a seed."""
