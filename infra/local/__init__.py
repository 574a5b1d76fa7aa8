"""The local stage: the same templates and functions on one machine, without an AWS account.

`stage` starts `emulator` as a child process, `deployer` gives it the synthesized templates, and
`folder` carries files between a plain folder and the bucket.
"""
