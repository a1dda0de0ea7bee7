-- What people decided of two children of the sources: that they are one, or that they are two.
{{ staged('council', 'link_override') }}
