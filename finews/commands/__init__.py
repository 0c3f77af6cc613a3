"""The commands of `finews …`, a module each; those of jobs and of workers are in their folders."""
