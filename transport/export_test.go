package transport

// Encrypted says whether TLS is in force.
func (c *Conn) Encrypted() bool { return c.encrypted }
