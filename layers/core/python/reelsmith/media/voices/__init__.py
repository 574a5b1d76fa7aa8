"""Voice profiles by signal processing: pitch, colour and tract of a speaker, laid on our voice."""
