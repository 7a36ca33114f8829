/*
 * past_integrals.h - what a silent synapse still has to learn, kept by its target
 *
 * This file is part of elise-pynn. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ELISE_PAST_INTEGRALS_H
#define ELISE_PAST_INTEGRALS_H

#include <cstddef>
#include <vector>

namespace elise
{

/**
 * Ring of the integrals over past windows, one number per window.
 *
 * The integral of a window is final (to rounding) when four later windows are included. It is pushed then, and read, by
 * index, by synapses that were silent for longer. Memory for `capacity` windows is taken at once, so that it does not grow.
 */
class PastIntegrals
{
public:
  static constexpr std::size_t capacity = 4096;

  void
  push( const double integral )
  {
    ring_[ n_pushed_ % capacity ] = integral;
    ++n_pushed_;
  }

  /**
   * Integral from the start of the window that lies `gap` windows back; the newest one kept has gap 5.
   * A window that is no longer kept gives `lost`.
   */
  double
  at( const double gap, const double lost ) const
  {
    const std::size_t age = static_cast< std::size_t >( gap ) - 5;
    return age < size() ? ring_[ ( n_pushed_ - 1 - age ) % capacity ] : lost;
  }

  /** All integrals that are kept, the oldest one first. */
  std::vector< double >
  values() const
  {
    std::vector< double > found;
    found.reserve( size() );
    for ( std::size_t age = size(); age > 0; --age )
    {
      found.push_back( ring_[ ( n_pushed_ - age ) % capacity ] );
    }
    return found;
  }

  /** Forget what is kept and keep `values`, the oldest one first. */
  void
  set_values( const std::vector< double >& values )
  {
    n_pushed_ = 0;
    for ( const double integral : values )
    {
      push( integral );
    }
  }

private:
  std::size_t
  size() const
  {
    return n_pushed_ < capacity ? n_pushed_ : capacity;
  }

  std::vector< double > ring_ = std::vector< double >( capacity );
  std::size_t n_pushed_ = 0;
};

} // namespace elise

#endif
