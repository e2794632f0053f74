"""A corpus of telephone speech with labels: sentences, confusable pairs, backchannels, noises."""
