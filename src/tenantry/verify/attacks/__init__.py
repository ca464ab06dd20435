"""The attacks, one file each: claim, expectation, sabotage, and how it is done."""
