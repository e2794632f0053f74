"""Simulated recipients: people and machines that answer over real SIP and RTP.

They share no code with the dialler, hear Menling only as sound, and measure what arrives.
"""
