"""Statutory returns: tables of the mart, and rows that describe the return, into files. Reads marts only."""
