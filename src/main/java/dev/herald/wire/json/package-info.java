/**
 * JSON-RPC 2.0, which web clients speak (wukong-interfaces section 2): its messages and the ids that wait for answers.
 * What others use of it is {@link JsonRpcProtocol}, with the {@link SharedNotification} of its connections; it knows the frames and nothing else.
 */
@NullMarked
package dev.herald.wire.json;

import org.jspecify.annotations.NullMarked;
