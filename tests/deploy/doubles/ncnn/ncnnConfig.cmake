enable_language(CXX)
add_library(ncnn STATIC ${CMAKE_CURRENT_LIST_DIR}/ncnn.cpp)
target_compile_features(ncnn PUBLIC cxx_std_17)
target_include_directories(ncnn PUBLIC ${CMAKE_CURRENT_LIST_DIR})
