"""The typed schemas of config/schema, made from `kis-fetch --list-feeds=json`."""
