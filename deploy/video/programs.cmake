# What the programs of all runtimes share. The CMakeLists.txt of a runtime includes this once it has
# found its libraries, and says which of these it has, by the runtime's name:
#
#   add_network(NAME LIBRARIES...)  NAME_network.cpp, a library of that name, private to which the
#                                   runtime's libraries are
#   add_run_program(NAME)           run_NAME.cpp: one input through the network
#   add_track_program(NAME)         track_NAME.cpp: a video to tracks, where OpenCV is there

find_package(OpenCV QUIET COMPONENTS core imgproc imgcodecs videoio)
if(OpenCV_FOUND)
  add_subdirectory(${CMAKE_CURRENT_LIST_DIR} video)
else()
  add_subdirectory(${CMAKE_CURRENT_LIST_DIR}/../cpp bytetrack)
endif()
set(BYTETRACK_EXAMPLES ${CMAKE_CURRENT_LIST_DIR}/../cpp/examples)

function(add_network name)
  add_library(${name}_network STATIC ${name}_network.cpp)
  target_include_directories(${name}_network PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name}_network PUBLIC bytetrack PRIVATE ${ARGN})
  set_bytetrack_options(${name}_network)
endfunction()

function(add_run_program name)
  add_executable(run_${name} run_${name}.cpp ${BYTETRACK_EXAMPLES}/run_network.cpp)
  target_include_directories(run_${name} PRIVATE ${BYTETRACK_EXAMPLES})
  target_link_libraries(run_${name} PRIVATE ${name}_network)
  set_bytetrack_options(run_${name})
endfunction()

function(add_track_program name)
  if(NOT OpenCV_FOUND)
    message(STATUS "OpenCV was not found: track_${name} is not built")
    return()
  endif()
  add_executable(track_${name} track_${name}.cpp)
  target_link_libraries(track_${name} PRIVATE bytetrack_video ${name}_network)
  set_bytetrack_options(track_${name})
endfunction()
