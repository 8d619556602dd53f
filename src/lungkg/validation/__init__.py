"""Checks data against shapes, and explains what is found: the only package that knows pySHACL.

Checking: `datatypes` and `lint` find what SHACL passes over in silence; `shacl` runs the shapes, set by set;
`guarded` keeps data from ending a run; `run` puts this together for a graph in memory, `sweep` with `compiler`
and `batches` for graphs too big to hold.

Explaining: `files` reads with `positions`; `explain` gives each finding its place (`places`, `curated`),
sentence (`sentences`, `words`) and mend (`mends`, `mending`, `likeness`), made from one `case` and the `facts`
of the data; `unread` does the same for what cannot be read.
"""
