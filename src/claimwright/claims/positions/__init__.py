"""Where the fields of claims stand in the 837: tables that reading and writing share, one module a guide."""
