"""The door for files: CSV and XLSX, uploaded by people or named on a command line.

Others may call `inputs` (a file as an input, files of a folder) and `uploads` (files kept until their
import is over).
"""
