"""`apply`: what a plan wants, what Azure has, and how the one is made of the other."""
