/**
 * The protocol of the native SDKs (wukong-interfaces section 1): its fields, versions, keys and signatures. What others
 * use of it is {@link BinaryProtocol}, with the {@link SharedRecv} of its connections; it knows the frames and nothing else.
 */
@NullMarked
package dev.herald.wire.binary;

import org.jspecify.annotations.NullMarked;
