// What the slab does with the objects behind its handles.
#pragma once

#include "capi/handles.hpp"

namespace octo {

// The handle ended: nobody can use the object from outside any more, but calls under way may still hold it.
void end_object(HandleKind kind, void *object) noexcept;
// Nobody holds it through the handle any more.
void release_object(HandleKind kind, void *object) noexcept;

}  // namespace octo
