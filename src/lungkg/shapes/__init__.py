"""Checks the shapes themselves: do they say what they mean, does anything hold them to it, what would a change do?

`lint` finds shapes that check nothing or can never be met; `examples` runs the passing and failing examples;
`mutation` breaks the shapes on purpose and sees whether an example notices; `coverage` counts what they check
in data; `difference` tells two versions apart, `impact` what that means for data that is there.
"""
